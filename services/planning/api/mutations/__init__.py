"""The mutations: each takes an input, calls one use case, and answers with the plan or with every reason why not."""
