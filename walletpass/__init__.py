"""walletpass: guest loyalty in Apple Wallet and Google Wallet, run by the restaurant itself."""

__version__ = "0.1.0"
