"""`make bench`: every measurement, one after the other."""

from bench import deflate, throughput

if __name__ == "__main__":
    throughput.main()
    deflate.main()
