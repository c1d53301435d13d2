management_account_id = "123456789012"

member_account_ids = [
  "111122223333",
  "444455556666",
]
