"""The sample association: invented people around a real annual plan."""
