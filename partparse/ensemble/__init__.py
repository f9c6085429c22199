"""Joining methods: voting, choice by category, weighted fusion, and their folds."""
