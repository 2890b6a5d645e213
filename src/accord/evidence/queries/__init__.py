"""Read exhibits, uploads and stored files: under the sealed standing, as frozen values."""
