"""`python -m nootropic_lsp` is the command `nootropic`."""

from nootropic_lsp.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
