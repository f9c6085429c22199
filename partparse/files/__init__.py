"""Files: whole ones or none, their formats, and the weights of networks."""
