"""The language server `anvilc lsp`. Only `anvil.lsp.server` needs pygls; the rest is plain analysis of texts."""
