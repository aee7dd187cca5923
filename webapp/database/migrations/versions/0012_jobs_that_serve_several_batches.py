"""jobs that serve several batches

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-29 05:15:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('shared_job',
    sa.Column('batch_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('job_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], name=op.f('fk_shared_job_batch_id_batch')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_shared_job_job_id_job')),
    sa.PrimaryKeyConstraint('batch_id', 'job_id', name=op.f('pk_shared_job'))
    )
    with op.batch_alter_table('shared_job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shared_job_job_id'), ['job_id'], unique=False)


def downgrade():
    op.drop_table('shared_job')
