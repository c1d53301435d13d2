output "task_role_arn" {
  value = module.service.task_role_arn
}

output "topic_arn" {
  value = module.events.arn
}
