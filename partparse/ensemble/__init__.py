"""Joining methods: voting, choice by category, and what they are chosen by."""
