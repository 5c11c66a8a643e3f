"""The REST API at /api: the use cases of casework for other programs, in JSON, for who has a token.

Belongs here: requests into use cases, and what came of them into answers that the schema at /api/openapi.json declares.
"""
