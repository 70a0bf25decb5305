"""`make bench`: runs every measurement in turn."""

from bench import cold_start, compression_cost, deflate, livez, overload, request_cpu, throughput

if __name__ == "__main__":
    request_cpu.main()
    throughput.main()
    livez.main()
    overload.main()
    deflate.main()
    compression_cost.main()
    cold_start.main()
