"""What the packaged sources of vectors are called, in recipes, checkpoints and `words.source.word_source`."""

GLOVE = "glove-6b-50d"
SENTENCES = "all-minilm-l6-v2"
