"""What judges say in tables, with its coverage; and the meta-evaluation of the judges themselves.

Each file makes one subject's tables: functions from the frame of judgements, or of judged answers,
to a frame.
"""
