"""Who accepts which finding: waivers and approving reviews, and what they are bound to. Pure."""
