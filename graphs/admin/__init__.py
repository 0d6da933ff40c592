"""What experts and admins ask of the installation itself."""
