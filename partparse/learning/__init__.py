"""What every trained network shares: settings of the fit, its loop, its record, its weights."""
