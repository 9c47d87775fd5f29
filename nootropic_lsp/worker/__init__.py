"""The process that owns vectors and speaks with models, as others see it: found, started, asked."""
