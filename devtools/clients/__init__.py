"""Tools of others over the contract: linters of the SDL and the documents, and generators of clients."""
