"""What did this person mean? Safety floor, rules and the model, behind one function."""
