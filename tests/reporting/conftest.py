from evaluation.conftest import build, questions, qwen, submission

__all__ = ["build", "questions", "qwen", "submission"]
