"""Who may answer: vLLM, OpenAI, and earlier answers. Their order is the chain's."""
