"""What a careful reader would see in a regimen: each module looks at one part of it."""
