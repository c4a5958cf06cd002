"""Three tasks of long memory, for recipes/laboratory.py.

`tasks` draws the sequences, `learning` trains one cell on one task at one length, `processes` runs several trainings
side by side, and `results` keeps, tabulates and draws the figures. Only `learning` loads TensorFlow.
"""
