"""GraphQL types. Root fields load the data; fields below them are attributes or load what a client asks for."""
