"""What each role gets: the one table to change when a page, an action or a call is added.

The callers try an action one after the other on the same row, so a superuser may come too late.
302 sends the anonymous to the sign-in page, and a stranger home with a message; 405 is an address
that is only posted to.
"""

PAGES = """
# GET: anonymous, viewer, author, admin, stranger, superuser
home                                                 302 302 302 302 302 302
admin:search                                         302 200 200 200 200 200
admin:switch_workspace                               302 405 405 405 405 405
admin:objects_of_type                                302 302 302 302 404 302
admin:imports                                        302 403 403 200 200 200
admin:exports                                        302 403 403 200 200 200
admin:relate_start                                   302 403 200 200 200 200
admin:relate_step                                    302 403 404 404 404 404
admin:index                                          302 200 200 200 200 200
admin:login                                          200 302 302 302 302 302
admin:password_change                                302 200 200 200 200 200
admin:password_change_done                           302 200 200 200 200 200
admin:autocomplete                                   302 403 403 403 403 403
admin:jsi18n                                         302 200 200 200 200 200
admin:view_on_site                                   302 404 404 404 404 404
admin:django_tasks_database_dbtaskresult_changelist  302 403 403 403 403 200
admin:django_tasks_database_dbtaskresult_add         302 403 403 403 403 403
admin:django_tasks_database_dbtaskresult_history     302 403 403 403 403 200
admin:django_tasks_database_dbtaskresult_delete      302 403 403 403 403 403
admin:django_tasks_database_dbtaskresult_change      302 403 403 403 403 200
admin:workspaces_workspace_changelist                302 403 403 200 200 200
admin:workspaces_workspace_add                       302 403 403 403 403 200
admin:workspaces_workspace_history                   302 302 302 200 302 200
admin:workspaces_workspace_delete                    302 403 403 403 403 403
admin:workspaces_workspace_change                    302 403 403 200 302 200
admin:workspaces_membership_changelist               302 403 403 200 200 200
admin:workspaces_membership_add                      302 403 403 200 200 200
admin:workspaces_membership_history                  302 403 403 200 302 200
admin:workspaces_membership_delete                   302 403 403 200 302 200
admin:workspaces_membership_change                   302 403 403 200 302 200
admin:workspaces_credential_changelist               302 403 403 200 200 200
admin:workspaces_credential_add                      302 403 403 200 200 200
admin:workspaces_credential_history                  302 403 403 200 302 200
admin:workspaces_credential_delete                   302 403 403 403 403 403
admin:workspaces_credential_change                   302 403 403 200 302 200
admin:auth_user_password_change                      302 403 403 403 403 200
admin:auth_user_changelist                           302 403 403 403 403 200
admin:auth_user_add                                  302 403 403 403 403 200
admin:auth_user_history                              302 403 403 403 403 200
admin:auth_user_delete                               302 403 403 403 403 200
admin:auth_user_change                               302 403 403 403 403 200
admin:operations_activity_changelist                 302 200 200 200 200 200
admin:operations_activity_add                        302 403 403 403 403 403
admin:operations_activity_history                    302 200 200 200 302 200
admin:operations_activity_delete                     302 403 403 403 302 403
admin:operations_activity_change                     302 200 200 200 302 200
admin:operations_changeset_changelist                302 200 200 200 200 200
admin:operations_changeset_add                       302 403 403 403 403 403
admin:operations_changeset_history                   302 200 200 200 302 200
admin:operations_changeset_delete                    302 403 403 403 302 403
admin:operations_changeset_change                    302 200 200 200 302 200
admin:operations_job_state                           302 200 200 200 404 200
admin:operations_job_cancel                          302 302 302 302 302 302
admin:operations_job_resume                          302 302 302 302 302 302
admin:operations_job_changelist                      302 200 200 200 200 200
admin:operations_job_add                             302 403 403 403 403 403
admin:operations_job_history                         302 200 200 200 302 200
admin:operations_job_delete                          302 403 403 403 302 403
admin:operations_job_change                          302 200 200 200 302 200
admin:people_person_process_import                   302 405 405 405 405 405
admin:people_person_import                           302 403 403 200 200 200
admin:people_person_export                           302 403 403 200 200 200
admin:people_person_unrelate                         302 403 302 302 302 302
admin:people_person_export_one                       302 403 403 200 302 200
admin:people_person_changelist                       302 200 200 200 200 200
admin:people_person_add                              302 403 200 200 200 200
admin:people_person_history                          302 200 200 200 302 200
admin:people_person_delete                           302 403 200 200 302 200
admin:people_person_change                           302 200 200 200 302 200
admin:objects_objecttype_changelist                  302 200 200 200 200 200
admin:objects_objecttype_add                         302 403 403 200 200 200
admin:objects_objecttype_history                     302 200 200 200 302 200
admin:objects_objecttype_delete                      302 403 403 200 302 200
admin:objects_objecttype_change                      302 200 200 200 302 200
admin:objects_object_process_import                  302 405 405 405 405 405
admin:objects_object_import                          302 403 403 200 200 200
admin:objects_object_export                          302 403 403 200 200 200
admin:objects_object_unrelate                        302 403 302 302 302 302
admin:objects_object_export_one                      302 403 403 200 302 200
admin:objects_object_changelist                      302 200 200 200 200 200
admin:objects_object_add                             302 403 200 200 200 200
admin:objects_object_history                         302 200 200 200 302 200
admin:objects_object_delete                          302 403 200 200 302 200
admin:objects_object_change                          302 200 200 200 302 200
admin:relationships_relationship_process_import      302 405 405 405 405 405
admin:relationships_relationship_import              302 403 403 200 200 200
admin:relationships_relationship_export              302 403 403 200 200 200
admin:relationships_relationship_changelist          302 200 200 200 200 200
admin:relationships_relationship_add                 302 403 200 200 200 200
admin:relationships_relationship_history             302 200 200 200 302 200
admin:relationships_relationship_delete              302 403 200 200 302 200
admin:relationships_relationship_change              302 200 200 200 302 200
admin:app_list                                       302 200 200 200 200 200
api-root                                             200 200 200 200 200 200
api-object-types                                     401 200 200 200 200 200
api-object-types-one                                 401 200 200 200 200 200
api-objects                                          401 200 200 200 200 200
api-objects-one                                      401 200 200 200 404 200
api-people                                           401 200 200 200 200 200
api-people-one                                       401 200 200 200 404 200
api-relationships                                    401 200 200 200 200 200
api-relationships-one                                401 200 200 200 404 200
api-schema                                           200 200 200 200 200 200
api-docs                                             200 200 200 200 200 200
admin:people_suppression_changelist                  302 200 200 200 200 200
admin:people_suppression_add                         302 403 403 403 403 403
admin:people_suppression_history                     302 403 403 403 302 403
admin:people_suppression_delete                      302 403 403 403 302 403
admin:people_suppression_change                      302 403 403 403 302 403
admin:people_person_merge                            302 403 200 200 302 200
admin:people_person_suppress                         302 403 200 200 302 200
admin:people_person_liquid                           302 200 200 200 302 200
admin:objects_object_liquid                          302 200 200 200 302 200
"""

ACTIONS = """
# one row chosen: anonymous, viewer, author, admin, stranger, superuser
workspaces_credential.revoke                         302 403 403 302 302 302
auth_user.delete_selected                            302 403 403 403 403 200
people_suppression.unsuppress                        302 200 200 200 200 200
people_person.relate_selected                        302 200 302 302 302 302
people_person.set_attributes                         302 200 302 302 302 302
people_person.remove_attributes                      302 200 302 302 302 302
people_person.delete_selected                        302 200 302 302 302 302
objects_objecttype.enable                            302 200 200 302 302 302
objects_objecttype.disable                           302 200 200 302 302 302
objects_object.relate_selected                       302 200 302 302 302 302
objects_object.set_attributes                        302 200 302 302 302 302
objects_object.remove_attributes                     302 200 302 302 302 302
objects_object.delete_selected                       302 200 302 302 302 302
relationships_relationship.set_attributes            302 200 302 302 302 302
relationships_relationship.remove_attributes         302 200 302 302 302 302
relationships_relationship.delete_selected           302 200 302 302 302 302
people_person.export_selected                        302 200 302 200 200 200
objects_object.export_selected                       302 200 302 200 200 200
relationships_relationship.export_selected           302 200 302 200 200 200
workspaces_credential.rotate                         302 403 403 200 302 302
"""

CALLS = """
# an empty call: no token, viewer, author, admin, stranger, no token again
GET:api-root                                         200 200 200 200 200 200
POST:api-root                                        405 405 405 405 405 405
PATCH:api-root                                       405 405 405 405 405 405
GET:api-object-types                                 401 200 200 200 200 401
POST:api-object-types                                401 403 403 400 400 401
PATCH:api-object-types                               401 403 403 405 405 401
GET:api-object-types-one                             401 200 200 200 200 401
POST:api-object-types-one                            401 403 403 405 405 401
PATCH:api-object-types-one                           401 403 403 200 200 401
GET:api-objects                                      401 200 200 200 200 401
POST:api-objects                                     401 403 400 400 400 401
PATCH:api-objects                                    401 403 405 405 405 401
GET:api-objects-one                                  401 200 200 200 404 401
POST:api-objects-one                                 401 403 405 405 405 401
PATCH:api-objects-one                                401 403 200 200 404 401
GET:api-people                                       401 200 200 200 200 401
POST:api-people                                      401 403 400 400 400 401
PATCH:api-people                                     401 403 405 405 405 401
GET:api-people-one                                   401 200 200 200 404 401
POST:api-people-one                                  401 403 405 405 405 401
PATCH:api-people-one                                 401 403 200 200 404 401
GET:api-relationships                                401 200 200 200 200 401
POST:api-relationships                               401 403 400 400 400 401
PATCH:api-relationships                              401 403 405 405 405 401
GET:api-relationships-one                            401 200 200 200 404 401
POST:api-relationships-one                           401 403 405 405 405 401
PATCH:api-relationships-one                          401 403 200 200 404 401
GET:api-schema                                       200 200 200 200 200 200
POST:api-schema                                      405 405 405 405 405 405
PATCH:api-schema                                     405 405 405 405 405 405
GET:api-docs                                         200 200 200 200 200 200
POST:api-docs                                        405 405 405 405 405 405
PATCH:api-docs                                       405 405 405 405 405 405
"""
