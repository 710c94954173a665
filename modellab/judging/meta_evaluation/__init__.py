"""Tables of judges' scores, and the meta-evaluation of the judges.

Tables are functions from the frame of judgements, or of judged answers, to a frame.
"""
