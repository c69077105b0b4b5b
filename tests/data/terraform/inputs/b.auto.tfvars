from_auto = "b.auto"
