"""Prints numbers of bytes as people read them."""
import sys
import humanize

for word in sys.argv[1:]:
    print(f"{word}: {humanize.naturalsize(int(word), binary=True)}")
