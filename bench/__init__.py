"""Benchmarks of the pipeline beside its peers; run from the repository: python -m bench.build."""
