"""`make bench`: every measurement, one after the other."""

from bench import cold_start, deflate, livez, path, throughput

if __name__ == "__main__":
    path.main()
    throughput.main()
    livez.main()
    deflate.main()
    cold_start.main()
