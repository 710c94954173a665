"""Why a system scores as it does: retrieval, embeddings, context, repeats, time. A file each."""
