variable "label" {
  type     = string
  nullable = false
  default  = "unset"
}
output "label" { value = upper(var.label) }
output "path" { value = path.module }
