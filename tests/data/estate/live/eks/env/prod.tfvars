environment     = "prod"
hosted_zone_ids = ["Z0123456789EXAMPLE03"]
