"""What a load works out of several tables: authors, joint answers, likeness, unknown ministries."""
