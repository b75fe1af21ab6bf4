from walletpass.cli import main

main()
