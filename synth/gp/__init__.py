"""Genetic proposer: mutation and crossover of typed Anvil programs, which stay well-typed by construction."""
