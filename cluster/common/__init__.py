"""What every part of the set-up uses: errors, processes, steps, paths, versions."""
