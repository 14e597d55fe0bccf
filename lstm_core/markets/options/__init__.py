"""What a forecast of variance is worth to those who sell options: Black–Scholes, hedging, straddles, the premium."""
