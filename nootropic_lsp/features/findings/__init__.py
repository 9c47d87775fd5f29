"""Findings: having every engine look, what is shown of it, and how a finding is put right."""
