"""What names mean: word vectors and sentence vectors."""
