"""Part-state methods: one module each, all writing a distribution over states."""
