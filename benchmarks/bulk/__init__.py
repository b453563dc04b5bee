"""The benchmark of decisions in bulk: claims and policies invented at any size, engines beside a limit, peers, growth.

python -m benchmarks.bulk generate|run|peers|growth|memory ...      (benchmarks/README.md)
"""
