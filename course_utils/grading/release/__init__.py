"""What an instructor hands to learners: the course as a zip, with or without its solutions."""
