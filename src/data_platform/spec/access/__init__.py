"""What a product says of its readers, as typed data: visibility, readers, masks and row filters."""
