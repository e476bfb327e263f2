"""Files that are written from the code: the GraphQL contract, pages of docs/ and JSON Schemas (`make schema`)."""
