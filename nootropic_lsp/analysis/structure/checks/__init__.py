"""What neither a list of calls nor a query can say: functions over nodes, a file per subject."""
