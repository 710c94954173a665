"""The judges' numbers in tables, with their coverage; and the judges themselves judged.

Each file makes one table or two: functions from judgements to rows, without files.
"""
