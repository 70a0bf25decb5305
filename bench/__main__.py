"""`make bench`: every measurement, one after the other."""

from bench import deflate

if __name__ == "__main__":
    deflate.main()
